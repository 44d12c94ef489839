//! Relations on a program's events, and sets of them, as bits.

use std::ops::BitOr;

/// Some of at most 64 events.
pub(crate) type Set = u64;

/// Which of at most 64 events are related to which: a row of bits for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Relation(Vec<Set>);

/// The numbers in a set.
pub(crate) fn members(mut set: Set) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let first = (set != 0).then(|| set.trailing_zeros() as usize)?;
        set &= set - 1;
        Some(first)
    })
}

impl Relation {
    /// Nobody to nobody.
    pub(crate) fn empty(events: usize) -> Relation {
        assert!(events <= 64, "too many events");
        Relation(vec![0; events])
    }

    pub(crate) fn insert(&mut self, one: usize, other: usize) {
        self.0[one] |= 1 << other;
    }

    /// To whom this one is related.
    pub(crate) fn of(&self, one: usize) -> impl Iterator<Item = usize> {
        members(self.0[one])
    }

    pub(crate) fn clear(&mut self) {
        self.0.fill(0);
    }

    pub(crate) fn remove_into(&mut self, other: usize) {
        for row in &mut self.0 {
            *row &= !(1 << other);
        }
    }

    /// `R⁻¹`.
    pub(crate) fn inverse(&self) -> Relation {
        let mut inverse = Relation::empty(self.0.len());
        for (one, row) in self.0.iter().enumerate() {
            for other in members(*row) {
                inverse.insert(other, one);
            }
        }
        inverse
    }

    /// `R ; S`.
    pub(crate) fn then(&self, next: &Relation) -> Relation {
        let through = |row: &Set| members(*row).fold(0, |all, by| all | next.0[by]);
        Relation(self.0.iter().map(through).collect())
    }

    /// `R?`: or the same event.
    pub(crate) fn or_same(&self) -> Relation {
        let rows = self.0.iter().enumerate();
        Relation(rows.map(|(one, row)| row | 1 << one).collect())
    }

    /// `R⁺`.
    pub(crate) fn closure(&self) -> Relation {
        let mut closure = self.clone();
        for by in 0..closure.0.len() {
            let row = closure.0[by];
            for one in &mut closure.0 {
                if *one & 1 << by != 0 {
                    *one |= row;
                }
            }
        }
        closure
    }

    /// `[A] ; R`.
    pub(crate) fn leaving(&self, set: Set) -> Relation {
        let rows = self.0.iter().enumerate();
        Relation(
            rows.map(|(one, row)| if set & 1 << one == 0 { 0 } else { *row })
                .collect(),
        )
    }

    /// `R ; [A]`.
    pub(crate) fn entering(&self, set: Set) -> Relation {
        Relation(self.0.iter().map(|row| row & set).collect())
    }

    /// `R ∩ S`.
    pub(crate) fn and(&self, other: &Relation) -> Relation {
        let rows = self.0.iter().zip(&other.0);
        Relation(rows.map(|(one, other)| one & other).collect())
    }

    /// `R \ S`.
    pub(crate) fn without(&self, other: &Relation) -> Relation {
        let rows = self.0.iter().zip(&other.0);
        Relation(rows.map(|(one, other)| one & !other).collect())
    }

    pub(crate) fn is_irreflexive(&self) -> bool {
        let mut rows = self.0.iter().enumerate();
        rows.all(|(one, row)| row & 1 << one == 0)
    }

    pub(crate) fn is_acyclic(&self) -> bool {
        self.closure().is_irreflexive()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|row| *row == 0)
    }
}

/// `R ∪ S`.
impl BitOr for &Relation {
    type Output = Relation;

    fn bitor(self, other: &Relation) -> Relation {
        let rows = self.0.iter().zip(&other.0);
        Relation(rows.map(|(one, other)| one | other).collect())
    }
}
