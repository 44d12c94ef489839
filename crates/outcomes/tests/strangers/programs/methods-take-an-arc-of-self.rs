use std::sync::Arc;
struct S;
impl S {
    fn f(self: Arc<Self>) {
        println!("f");
    }
    fn g(self: &Arc<Self>) {
        println!("{}", Arc::strong_count(self));
    }
}
fn main() {
    let s = Arc::new(S);
    s.g();
    s.f();
}
