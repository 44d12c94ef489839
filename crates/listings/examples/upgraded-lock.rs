use std::sync::RwLock;

fn main() {
    let names = RwLock::new(vec!["Pam"]);

    let list = names.read().unwrap();
    if !list.contains(&"Jim") {
        println!("Jim is missing");
        names.write().unwrap().push("Jim");
    }
}
