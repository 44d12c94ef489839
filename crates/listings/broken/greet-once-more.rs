fn main() {
    let name = "Pam".to_owned();
    let age = 30;

    let greet = || println!("hello, {name}");
    greet();
    println!("{name} is still here");

    let take = move || println!("{name} is {age}, and mine");
    take();
    println!("{age} is still here");
    greet();
}
