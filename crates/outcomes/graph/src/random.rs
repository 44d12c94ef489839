//! Numbers for the graphs that tests make up.

/// Numbers that look random (Marsaglia's xorshift).
pub(crate) struct Random(u64);

impl Random {
    /// Always the same ones for a seed.
    pub(crate) fn from_seed(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }
}
