//! Signatures on secp256k1: for each there is a second one, with the other sign of `s`, and both hold.
//! Cryptocurrencies allow the one with the lower `s` only, and so does the library; OpenPGP allows both.

use pgp::types::{Mpi, SignatureBytes};

/// The order of the group, in which `s` and its opposite add up to this.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, //
    0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];

/// The signature with the lower `s`, if the given one has the higher.
pub(crate) fn with_low_s(signature: &SignatureBytes) -> Option<SignatureBytes> {
    let SignatureBytes::Mpis(numbers) = signature else { return None };
    let [r, s] = numbers.as_slice() else { return None };
    let given: &[u8] = s.as_ref();
    let mut padded = [0; 32];
    padded.get_mut(32_usize.checked_sub(given.len())?..)?.copy_from_slice(given);
    if padded >= ORDER {
        return None;
    }
    let opposite = difference(&ORDER, &padded);
    (opposite < padded).then(|| SignatureBytes::Mpis(vec![r.clone(), Mpi::from_slice(&opposite)]))
}

/// One number less a smaller one.
fn difference(number: &[u8; 32], less: &[u8; 32]) -> [u8; 32] {
    let mut result = [0; 32];
    let mut borrow = false;
    for ((digit, from), taken) in result.iter_mut().zip(number).zip(less).rev() {
        let (first, one) = from.overflowing_sub(*taken);
        let (second, two) = first.overflowing_sub(u8::from(borrow));
        *digit = second;
        borrow = one || two;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(s: &[u8]) -> SignatureBytes {
        SignatureBytes::Mpis(vec![Mpi::from_slice(&[7]), Mpi::from_slice(s)])
    }

    #[test]
    fn the_higher_becomes_the_lower() {
        let one = [&[0; 31][..], &[1]].concat();
        let mut highest = ORDER;
        highest[31] -= 1;
        assert_eq!(with_low_s(&signature(&highest)), Some(signature(&one)));
        assert_eq!(with_low_s(&signature(&one)), None);
        assert_eq!(with_low_s(&signature(&ORDER)), None);
        assert_eq!(with_low_s(&signature(&[0xff; 33])), None);
    }
}
