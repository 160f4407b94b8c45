//! SHA-1 (FIPS 180-4, 6.1). FHIR R4 asks for it as the hash of an attachment and RFC 9562 for identifiers of version 5; nothing here is kept safe by it.

/// Bytes of a block.
const BLOCK: usize = 64;

/// The digest of some bytes.
pub(super) fn digest(bytes: &[u8]) -> [u8; 20] {
    // 5.3.1: the initial hash value.
    let mut hash = [
        0x6745_2301_u32,
        0xEFCD_AB89,
        0x98BA_DCFE,
        0x1032_5476,
        0xC3D2_E1F0,
    ];
    // 5.1.1: a one, zeros, and the length in bits.
    let mut tail = bytes.chunks_exact(BLOCK).remainder().to_vec();
    tail.push(0x80);
    while tail.len() % BLOCK != BLOCK - 8 {
        tail.push(0);
    }
    tail.extend((bytes.len() as u64 * 8).to_be_bytes());
    for block in bytes.chunks_exact(BLOCK).chain(tail.chunks_exact(BLOCK)) {
        add(&mut hash, block);
    }
    let mut digest = [0; 20];
    for (to, from) in digest
        .iter_mut()
        .zip(hash.iter().flat_map(|word| word.to_be_bytes()))
    {
        *to = from;
    }
    digest
}

/// 6.1.2
fn add(hash: &mut [u32; 5], block: &[u8]) {
    let mut words = [0_u32; 80];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = bytes
            .iter()
            .fold(0, |word, byte| word << 8 | u32::from(*byte));
    }
    for t in 16..80 {
        words[t] = (words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16]).rotate_left(1);
    }
    let [mut a, mut b, mut c, mut d, mut e] = *hash;
    for (t, word) in words.into_iter().enumerate() {
        // 4.1.1 and 4.2.1
        let (f, k) = match t {
            0..20 => ((b & c) ^ (!b & d), 0x5A82_7999),
            20..40 => (b ^ c ^ d, 0x6ED9_EBA1),
            40..60 => ((b & c) ^ (b & d) ^ (c & d), 0x8F1B_BCDC),
            _ => (b ^ c ^ d, 0xCA62_C1D6),
        };
        let next = a
            .rotate_left(5)
            .wrapping_add(f)
            .wrapping_add(e)
            .wrapping_add(k)
            .wrapping_add(word);
        (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
    }
    for (sum, part) in hash.iter_mut().zip([a, b, c, d, e]) {
        *sum = sum.wrapping_add(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standard_come_out() {
        let hex = |bytes: &[u8]| -> String {
            digest(bytes)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect()
        };
        assert_eq!(hex(b""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
        assert_eq!(hex(b"abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(
            hex(b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
        );
        assert_eq!(
            hex(&vec![b'a'; 1_000_000]),
            "34aa973cd4c4daa4f61eeb2bdbad27316534016f"
        );
    }
}
