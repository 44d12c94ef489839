fn main() {
    let names = vec!["Pam".to_owned(), "Jim".to_owned(), "Kim".to_owned()];
    let hours = [3, 0, 5];

    for part in hours.chunks(2) {
        println!("{part:?}: {} hours", part.iter().sum::<u32>());
    }

    let at_work: Vec<String> = names
        .into_iter()
        .zip(hours)
        .filter(|(_, hours)| *hours > 0)
        .map(|(name, hours)| format!("{name} for {hours}"))
        .collect();
    println!("{at_work:?}");
}
