use std::sync::{mpsc, Arc, Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock};
use std::thread;
static O: Once = Once::new();
static L: OnceLock<u32> = OnceLock::new();
fn main() {
    let t = thread::spawn(|| {
        O.wait();
        println!("{}", L.wait());
    });
    O.call_once(|| {});
    L.set(4).unwrap();
    t.join().unwrap();
    let m = Mutex::new(1);
    println!("{}", m.into_inner().unwrap());
    let (tx, rx) = mpsc::channel();
    tx.send(1).unwrap();
    println!("{:?}", rx.try_iter().collect::<Vec<_>>());
    thread::scope(|s| {
        thread::Builder::new()
            .name("n".into())
            .spawn_scoped(s, || println!("{:?}", thread::current().name()))
            .unwrap();
    });
    println!("{}", Arc::unwrap_or_clone(Arc::new(3)));
    let _ = (
        LazyLock::new(|| 1),
        RwLock::new(1),
        Condvar::new(),
        Barrier::new(1),
    );
}
