use quern_grams::*;
fn text(seed: u32, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        b"etaoin shrdlu_(){};=ABCDEFGH\n\xC3\xA9"[(state>>8) as usize % 31]
    };
    (0..length).map(|_| next()).collect()
}
fn main() {
    let mut rng = 1u32;
    for budget in [8usize << 20, 12 << 20, 32 << 20] { for planes in [Planes { capitals: false, high: false }, Planes::default()] {
    let mut b = GramBuilder::new(BuildOptions { budget, planes });
    for s in 0..12 {
        let mut n = 0;
        while !b.is_full() { rng = rng.wrapping_mul(1664525).wrapping_add(1013904223); b.add_block(&text(rng, (rng >> 18) as usize + (rng as usize>>8) % (s * 4000 + 100))); n += 1; }
        println!("{budget} {s} blocks {n} {}", b.debug());
        let mut d = vec![]; b.finish(&mut d, &mut std::io::sink()).unwrap();
        println!("     after {}", b.debug());
    } } }
}
