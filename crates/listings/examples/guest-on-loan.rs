struct Guest(&'static str);

impl Drop for Guest {
    fn drop(&mut self) {
        println!("{} leaves", self.0);
    }
}

fn see_off(guest: &Guest) {
    println!("goodbye, {}", guest.0);
}

fn main() {
    let _pam = Guest("Pam");
    let _jim = Guest("Jim");
    let kim = Guest("Kim");

    see_off(&kim);
    println!("the party goes on");
}
