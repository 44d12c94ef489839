fn main() {
    let a = [1u8; 700 << 10];
    println!("{}", std::hint::black_box(&a).len());
}
