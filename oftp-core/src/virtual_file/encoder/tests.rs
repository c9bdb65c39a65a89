use super::*;

fn buffer(limit: usize, compression: bool, writes: &[(&[u8], bool)]) -> Vec<u8> {
    let mut out = vec![0x10, 0, 0, 0];
    let mut encoder = Encoder::new(&mut out, limit, compression);
    for &(octets, end) in writes {
        let written = encoder.write(octets, end);
        assert_eq!(
            written,
            Written {
                octets: octets.len(),
                ended: end
            }
        );
    }
    assert_eq!(encoder.len(), out.len() - 4);
    out.split_off(4)
}

#[test]
fn the_end_of_a_record_goes_into_the_subrecord_that_is_there() {
    assert_eq!(
        buffer(5, false, &[(b"abc", false), (b"", true)]),
        b"D\x83abc"
    );
    assert_eq!(
        buffer(128, true, &[(b"     ", false), (b"", true)]),
        b"D\xc5 "
    );
    let at_limit = [7; 63];
    let out = buffer(65, false, &[(&at_limit, true)]);
    assert_eq!((out.len(), out[1]), (65, 0xbf));
}

#[test]
fn records_of_length_zero_are_80() {
    assert_eq!(
        buffer(128, false, &[(b"", true), (b"", true)]),
        b"D\x80\x80"
    );
    assert_eq!(
        buffer(128, false, &[(b"a", true), (b"", true)]),
        b"D\x81a\x80"
    );
}

#[test]
fn small_writes_share_a_subrecord() {
    let pieces: Vec<(&[u8], bool)> = b"abcdef".chunks(1).map(|octet| (octet, false)).collect();
    assert_eq!(buffer(128, false, &pieces), b"D\x06abcdef");
}

#[test]
fn one_octet_of_room_takes_an_end_but_no_data() {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 6, false);
    assert!(encoder.write(b"abc", true).ended);
    assert!(encoder.is_full());
    assert_eq!(
        encoder.write(b"d", true),
        Written {
            octets: 0,
            ended: false
        }
    );
    assert_eq!(
        encoder.write(b"", true),
        Written {
            octets: 0,
            ended: true
        }
    );
    assert_eq!(
        encoder.write(b"", true),
        Written {
            octets: 0,
            ended: false
        }
    );
    assert_eq!(out, b"D\x83abc\x80");
}

#[test]
fn an_end_that_comes_after_the_buffer_is_full_is_set_in_it() {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 5, false);
    assert_eq!(
        encoder.write(b"abcd", false),
        Written {
            octets: 3,
            ended: false
        }
    );
    let fill = encoder.pause();
    assert_eq!(out, b"D\x03abc");
    assert!(Encoder::resume(&mut out, fill).write(b"", true).ended);
    assert_eq!(out, b"D\x83abc");
}

#[test]
fn a_limit_without_room_takes_nothing() {
    for limit in 0..3 {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(&mut out, limit, true);
        assert_eq!(encoder.write(b"aaaaaa", false).octets, 0);
        assert!(encoder.is_empty() && encoder.is_full());
    }
}

#[test]
fn runs_are_compressed_from_the_length_that_saves_an_octet() {
    let one = |record: &[u8]| buffer(128, true, &[(record, true)]);
    assert_eq!(one(b"AB   CD"), b"D\x87AB   CD");
    assert_eq!(one(b"AB    CD"), b"D\x02AB\x44 \x82CD");
    assert_eq!(one(b"   CD"), b"D\x43 \x82CD");
    assert_eq!(one(&[b' '; 63]), b"D\xff ");
    assert_eq!(one(&[b' '; 64]), b"D\x7f \x81 ");
    assert_eq!(one(&[0; 126]), b"D\x7f\0\xff\0");
}

#[test]
fn a_run_is_cut_where_the_buffer_ends() {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 5, true);
    assert_eq!(
        encoder.write(&[0; 1000], true),
        Written {
            octets: 126,
            ended: false
        }
    );
    assert_eq!(out, b"D\x7f\0\x7f\0");
}
