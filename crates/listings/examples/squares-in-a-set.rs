use tokio::task::JoinSet;

#[tokio::main]
async fn main() {
    let mut squares = JoinSet::new();
    for number in 1..=3 {
        squares.spawn(async move { number * number });
    }
    let mut sum = 0;
    while let Some(square) = squares.join_next().await {
        sum += square.unwrap();
    }
    println!("{sum}");
}
