use std::sync::RwLock;

fn main() {
    let names = RwLock::new(vec!["Pam"]);

    let is_missing = !names.read().unwrap().contains(&"Jim");
    if is_missing {
        println!("Jim is missing");
        let mut list = names.write().unwrap();
        if !list.contains(&"Jim") {
            list.push("Jim");
        }
    }
}
