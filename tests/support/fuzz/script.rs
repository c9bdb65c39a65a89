//! Reads decisions from octets. Where they end, every decision is the first choice.

use oftp_core::session::Capabilities;
use oftp_core::wire::{Capability, Level, Quirks};

pub(super) struct Script<'a> {
    left: &'a [u8],
}

impl<'a> Script<'a> {
    pub(super) const fn new(octets: &'a [u8]) -> Self {
        Self { left: octets }
    }

    pub(super) const fn is_at_end(&self) -> bool {
        self.left.is_empty()
    }

    pub(super) fn octet(&mut self) -> u8 {
        let Some((first, left)) = self.left.split_first() else {
            return 0;
        };
        self.left = left;
        *first
    }

    pub(super) fn number(&mut self) -> usize {
        usize::from(self.octet()) << 8 | usize::from(self.octet())
    }

    pub(super) fn flag(&mut self) -> bool {
        self.octet() & 1 == 1
    }

    pub(super) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.octet()) % choices.len()]
    }

    /// Octets as many as an octet says, or fewer at the end.
    pub(super) fn octets(&mut self) -> &'a [u8] {
        let wanted = usize::from(self.octet());
        let (octets, left) = self.left.split_at(wanted.min(self.left.len()));
        self.left = left;
        octets
    }

    /// All that is left.
    pub(super) const fn rest(&mut self) -> &'a [u8] {
        let rest = self.left;
        self.left = &[];
        rest
    }

    pub(super) fn level(&mut self) -> Level {
        self.pick(&[Level::V2_0, Level::V1_4, Level::V1_3, Level::V1_2])
    }

    pub(super) fn quirks(&mut self) -> Quirks {
        self.pick(&[Quirks::TOLERANT, Quirks::STRICT])
    }

    pub(super) fn capabilities(&mut self) -> Capabilities {
        Capabilities {
            level: self.level(),
            min_level: Level::V1_2,
            buffer_size: self.pick(&[99_999, 128, 129, 192, 256, 1000, 4096]),
            window: self.pick(&[64, 1, 2, 3, 999]),
            compression: self.flag(),
            restart: self.flag(),
            mode: self.mode(),
        }
    }

    /// Mostly both directions.
    pub(super) fn mode(&mut self) -> Capability {
        use Capability::{Both, ReceiverOnly, SenderOnly};
        self.pick(&[Both, Both, Both, SenderOnly, ReceiverOnly])
    }
}
