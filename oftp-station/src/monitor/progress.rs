//! How far the files have come that are on their way.

use super::Monitor;

/// How far a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Which file of ours; `None`: it is the partner's.
    pub id: Option<u64>,
    /// Octets of the Virtual File that are behind, those of an earlier session included; of a
    /// secured file those of its envelope.
    pub octets: u64,
    /// How many there will be in all, in blocks of 1,024 octets, rounded up (SFIDFSIZ): what its
    /// sender says.
    pub blocks: u64,
}

impl Monitor {
    /// How far the file of ours is that is offered or sent now.
    #[must_use]
    pub fn sending(&self) -> Option<Progress> {
        let id = self.run.as_ref()?.current?;
        let post = self.posts.iter().find(|post| post.id == id)?;
        Some(Progress {
            id: Some(id),
            octets: post.feed.as_ref()?.octets(),
            blocks: post.sfid.fsiz,
        })
    }

    /// How far the file of the partner is that comes now, until it is stored.
    #[must_use]
    pub fn receiving(&self) -> Option<Progress> {
        let incoming = self.run.as_ref()?.incoming.as_ref()?;
        Some(Progress {
            id: None,
            octets: incoming.octets,
            blocks: incoming.sfid.fsiz,
        })
    }
}
