//! How much room for more elements Go leaves behind a slice. Templates can see that: Sprig's `slice`
//! reaches into it.

use crate::go_type::Type;
use crate::int_type::IntType;

/// How a slice was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Growth {
    /// Just as large.
    None,
    /// By appending one element after the other to a slice that had room for so many.
    OneByOne(usize),
    /// By appending all that is more than so many at once, to a slice that had just these.
    AtOnce(usize),
    /// With room for so many.
    To(usize),
}

/// The sizes that Go's allocator has for small things.
const SIZES: [usize; 67] = [
    8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416,
    448, 480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200,
    3456, 4096, 4864, 5120, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568,
    14336, 16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672,
];
const LARGEST: usize = 32768;
const PAGE: usize = 8192;
/// What holds pointers and is larger than this has a header of so many bytes.
const WITHOUT_HEADER: usize = 512;
const HEADER: usize = 8;

impl Growth {
    /// For how many elements there is room, if there are so many.
    pub(crate) fn capacity(self, length: usize, element: &Type) -> usize {
        match self {
            Self::None => length,
            Self::To(capacity) => capacity.max(length),
            Self::AtOnce(before) if length > before => grown(before, length, element),
            Self::AtOnce(before) => before,
            Self::OneByOne(start) => {
                let mut capacity = start;
                while capacity < length {
                    capacity = grown(capacity, capacity + 1, element);
                }
                capacity
            }
        }
    }
}

/// The room after appending to a full slice.
fn grown(before: usize, length: usize, element: &Type) -> usize {
    let mut capacity = before;
    if length > before.saturating_mul(2) {
        capacity = length;
    } else if before < 256 {
        capacity = before * 2;
    } else {
        while capacity < length {
            capacity += (capacity + 3 * 256) / 4;
        }
    }
    let pointers = !matches!(element, Type::Bool | Type::Int(_) | Type::Float);
    let size = size(element);
    rounded(capacity.saturating_mul(size), pointers) / size
}

/// What is allocated for so many bytes.
fn rounded(bytes: usize, pointers: bool) -> usize {
    if bytes > LARGEST - HEADER {
        return bytes.div_ceil(PAGE) * PAGE;
    }
    let header = if pointers && bytes > WITHOUT_HEADER { HEADER } else { 0 };
    SIZES.into_iter().find(|size| *size >= bytes + header).unwrap_or(LARGEST) - header
}

/// How many bytes an element takes.
fn size(element: &Type) -> usize {
    match element {
        Type::Bool => 1,
        Type::Int(IntType::Int8 | IntType::Uint8) => 1,
        Type::Int(IntType::Int16 | IntType::Uint16) => 2,
        Type::Int(IntType::Int32 | IntType::Uint32) => 4,
        Type::Int(_) | Type::Float | Type::Map(_) => 8,
        Type::Any | Type::String | Type::Named(_) | Type::NamedInt(_) => 16,
        Type::Slice(_) => 24,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_as_in_go() {
        for (length, any, int, slice) in [
            (1, 1, 1, 1),
            (3, 4, 4, 4),
            (5, 8, 8, 8),
            (33, 64, 64, 64),
            (100, 128, 128, 128),
            (300, 512, 512, 512),
            (1000, 1280, 1280, 1280),
        ] {
            let capacity = |element| Growth::OneByOne(0).capacity(length, &element);
            // Where headers don't matter, all grow alike.
            if length < 33 {
                assert_eq!(capacity(Type::Any), any, "{length}");
                assert_eq!(capacity(Type::list()), slice, "{length}");
            }
            assert_eq!(capacity(Type::Int(IntType::Int)), int, "{length}");
        }
        for (before, append, prepend) in [
            (1, 2, 2),
            (2, 4, 3),
            (5, 10, 6),
            (9, 18, 10),
            (17, 35, 18),
            (33, 71, 35),
            (100, 215, 111),
            (256, 591, 303),
            (1000, 1535, 1023),
            (2049, 3072, 2560),
        ] {
            assert_eq!(Growth::AtOnce(before).capacity(before + 1, &Type::Any), append, "{before}");
            assert_eq!(Growth::AtOnce(1).capacity(before + 1, &Type::Any), prepend, "{before}");
        }
        assert_eq!(Growth::OneByOne(10).capacity(3, &Type::String), 10);
        assert_eq!(Growth::To(7).capacity(3, &Type::String), 7);
    }
}
