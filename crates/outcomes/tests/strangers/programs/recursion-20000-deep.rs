fn f(n: u64) -> u64 {
    if n == 0 {
        0
    } else {
        1 + std::hint::black_box(f(n - 1))
    }
}
fn main() {
    println!("{}", f(20_000));
}
