//! Which executions are consistent.

use crate::execution::Execution;
use crate::relation::Relation;

/// One of the model's demands on an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "told at the model")]
pub enum Axiom {
    Coherence,
    Atomicity,
    Sc,
    NoThinAir,
}

/// A memory model: which of the axioms hold, and what they are about.
///
/// [`Model::RC11`] is the one. The others are for asking what an axiom is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    /// COHERENCE: threads agree on the order of one location's changes.
    pub coherence: bool,
    /// ATOMICITY: nothing comes between a read-modify-write and what it read.
    pub atomicity: bool,
    /// SC: what is `SeqCst` is ordered.
    pub sc: bool,
    /// NO-THIN-AIR: nothing is read that depends on its being read.
    pub no_thin_air: bool,
    /// Whether a thread's later stores to the same location continue a release
    /// sequence, as until C++20 and as in the paper.
    pub stores_continue: bool,
    /// Whether all of happens-before between `SeqCst` events counts, as in
    /// C++11, and not only what the paper leaves of it.
    pub sc_takes_all_of_hb: bool,
}

impl Model {
    /// RC11, with C++20's release sequences. This is what Rust promises, but
    /// for load buffering, which Rust permits and NO-THIN-AIR doesn't.
    pub const RC11: Model = Model {
        coherence: true,
        atomicity: true,
        sc: true,
        no_thin_air: true,
        stores_continue: false,
        sc_takes_all_of_hb: false,
    };

    /// The same without an axiom.
    #[must_use]
    pub fn without(mut self, axiom: Axiom) -> Model {
        *match axiom {
            Axiom::Coherence => &mut self.coherence,
            Axiom::Atomicity => &mut self.atomicity,
            Axiom::Sc => &mut self.sc,
            Axiom::NoThinAir => &mut self.no_thin_air,
        } = false;
        self
    }

    /// Whether an execution is consistent (section 3 of the paper). Of one
    /// that is only partly known it says `false` where it can't become so: all
    /// relations grow with `rf` and `mo`.
    pub(crate) fn permits(&self, execution: &Execution) -> bool {
        let Execution {
            sb,
            rmw,
            threads,
            rf,
            mo,
            same_location,
            sets,
            ..
        } = execution;
        // rb ≜ rf⁻¹ ; mo: who reads from a write reads before whatever comes
        // after that write.
        let rb = rf.inverse().then(mo);
        // eco ≜ (rf ∪ mo ∪ rb)⁺
        let eco = (&(rf | mo) | &rb).closure();

        // rs ≜ [W] ; (sb|loc ; [W⊒rlx])? ; (rf ; rmw)*
        // C++20 ([intro.races], P0982) has left out what is in brackets.
        let mut rs = rf.then(rmw).closure().or_same().leaving(sets.writes);
        if self.stores_continue {
            let own = sb
                .and(same_location)
                .leaving(sets.writes)
                .entering(sets.writes);
            rs = own.or_same().leaving(sets.writes).then(&rs);
        }
        // sw ≜ [E⊒rel] ; ([F] ; sb)? ; rs ; rf ; [R⊒rlx] ; (sb ; [F])? ; [E⊒acq]
        let released = sb.leaving(sets.fences).or_same().leaving(sets.releases);
        let acquired = sb.entering(sets.fences).or_same().entering(sets.acquires);
        let sw = released.then(&rs).then(rf).then(&acquired);
        // hb ≜ (sb ∪ sw)⁺, and a thread's beginning and end order as in
        // [thread.thread.constr] and [thread.thread.member].
        let hb = (&(sb | &sw) | threads).closure();

        // COHERENCE: hb ; eco? is irreflexive.
        if self.coherence && !hb.then(&eco.or_same()).is_irreflexive() {
            return false;
        }
        // ATOMICITY: rmw ∩ (rb ; mo) = ∅.
        if self.atomicity && !rmw.and(&rb.then(mo)).is_empty() {
            return false;
        }
        // NO-THIN-AIR: sb ∪ rf is acyclic. A thread isn't thin air either: it
        // begins after its spawn, and is joined after its end.
        if self.no_thin_air && !(&(sb | rf) | threads).is_acyclic() {
            return false;
        }
        !self.sc || self.psc(execution, &rb, &eco, &hb).is_acyclic()
    }

    /// The partial SC order of section 3, which must be acyclic.
    fn psc(&self, execution: &Execution, rb: &Relation, eco: &Relation, hb: &Relation) -> Relation {
        let Execution {
            sb,
            mo,
            same_location,
            sets,
            ..
        } = execution;
        // scb ≜ sb ∪ sb|≠loc ; hb ; sb|≠loc ∪ hb|loc ∪ mo ∪ rb
        let elsewhere = sb.without(same_location);
        let kept = if self.sc_takes_all_of_hb {
            hb.clone()
        } else {
            let around = elsewhere.then(hb).then(&elsewhere);
            &(sb | &around) | &hb.and(same_location)
        };
        let scb = &(&kept | mo) | rb;
        // psc_base ≜ ([Esc] ∪ [Fsc] ; hb?) ; scb ; ([Esc] ∪ hb? ; [Fsc])
        let sc_fences = sets.sc & sets.fences;
        let same = Relation::empty(execution.events.len()).or_same();
        let into = &same.leaving(sets.sc) | &hb.or_same().leaving(sc_fences);
        let out_of = &same.entering(sets.sc) | &hb.or_same().entering(sc_fences);
        let psc_base = into.then(&scb).then(&out_of);
        // psc_F ≜ [Fsc] ; (hb ∪ hb ; eco ; hb) ; [Fsc]
        let through = hb | &hb.then(eco).then(hb);
        let psc_fences = through.leaving(sc_fences).entering(sc_fences);
        &psc_base | &psc_fences
    }
}
