//! DSA keys of 2048 and 256 bits. Nobody signs with them here: Sprig makes them, and that is all.

use chartroom_gotemplate::CallError;
use num_bigint::BigUint;

use super::super::der::read::{Problem, Reader};
use super::super::der::{tag, write};
use super::primes;

const P_BITS: u64 = 2048;
const Q_BITS: u64 = 256;

/// A key: the group's p, q and g, the public y, and the private x.
pub(crate) struct DsaKey {
    numbers: [BigUint; 5],
}

impl DsaKey {
    /// Makes a group and a key in it, as FIPS 186 (appendix A) says, with primes that are probable.
    pub(super) fn generate() -> Result<Self, CallError> {
        let (p, q) = Self::group()?;
        let one = BigUint::from(1_u8);
        let cofactor = (&p - &one) / &q;
        let mut base = BigUint::from(2_u8);
        let g = loop {
            let g = base.modpow(&cofactor, &p);
            if g != one {
                break g;
            }
            base += 1_u8;
        };
        let x = loop {
            let x = primes::random(Q_BITS)?;
            if x != BigUint::ZERO && x < q {
                break x;
            }
        };
        let y = g.modpow(&x, &p);
        Ok(Self { numbers: [p, q, g, y, x] })
    }

    fn group() -> Result<(BigUint, BigUint), CallError> {
        loop {
            let q = primes::prime(Q_BITS)?;
            let step = &q << 1_u8;
            for _ in 0..4 * P_BITS {
                let mut candidate = primes::random(P_BITS)?;
                candidate.set_bit(P_BITS - 1, true);
                // Down to the next number that leaves 1 modulo 2q.
                let p = &candidate - (&candidate % &step) + 1_u8;
                if p.bits() == P_BITS && primes::is_probably_prime(&p)? {
                    return Ok((p, q));
                }
            }
        }
    }

    /// Reads OpenSSL's form: version, p, q, g, y, x.
    pub(super) fn from_der(der: &[u8]) -> Result<Self, Problem> {
        let mut fields = Reader::new(Reader::new(der).expect(tag::SEQUENCE, "DSAKeyFormat")?);
        fields.integer("int")?;
        let mut numbers = [const { BigUint::ZERO }; 5];
        for number in &mut numbers {
            *number = fields.integer("")?.map(BigUint::from_bytes_be).unwrap_or_default();
        }
        Ok(Self { numbers })
    }

    pub(super) fn to_der(&self) -> Vec<u8> {
        let mut parts = vec![write::integer(&[])];
        parts.extend(self.numbers.iter().map(|number| write::integer(&number.to_bytes_be())));
        write::sequence(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_key_fits_its_group() {
        let key = DsaKey::generate().unwrap();
        let [p, q, g, y, x] = &key.numbers;
        let one = BigUint::from(1_u8);
        assert_eq!((p.bits(), q.bits()), (P_BITS, Q_BITS));
        assert_eq!((p - &one) % q, BigUint::ZERO);
        assert!(*g > one && g.modpow(q, p) == one);
        assert!(x < q && *y == g.modpow(x, p));
        assert!(primes::is_probably_prime(p).unwrap() && primes::is_probably_prime(q).unwrap());
        assert_eq!(DsaKey::from_der(&key.to_der()).unwrap().numbers, key.numbers);
    }
}
