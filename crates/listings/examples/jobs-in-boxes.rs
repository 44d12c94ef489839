fn main() {
    let name = "Pam".to_owned();

    let jobs: Vec<Box<dyn FnOnce() -> String>> = vec![
        Box::new(|| "sweep the floor".to_owned()),
        Box::new(move || format!("call {name}")),
    ];
    for job in jobs {
        println!("{}", job());
    }
}
