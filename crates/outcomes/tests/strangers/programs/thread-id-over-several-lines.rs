fn main() {
    println!("{:#?}", std::thread::current().id());
}
