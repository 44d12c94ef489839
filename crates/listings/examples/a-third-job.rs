fn main() {
    let name = "Pam".to_owned();

    let same_name = name.clone();
    let jobs: Vec<Box<dyn FnOnce() -> String>> = vec![
        Box::new(|| "sweep the floor".to_owned()),
        Box::new(move || format!("call {name}")),
        Box::new(move || format!("write to {same_name}")),
    ];
    for job in jobs {
        println!("{}", job());
    }
}
