//! Layers one behind the other, with a bounded buffer after each.

/// How many octets a buffer holds before its layer has to wait, and the most that a layer is given
/// at once.
pub(super) const CHUNK: usize = 64 << 10;

/// Octets between two layers.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    octets: Vec<u8>,
    taken: usize,
}

impl Buffer {
    pub(super) fn as_slice(&self) -> &[u8] {
        self.octets.get(self.taken..).unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.octets.len() - self.taken
    }

    pub(super) fn is_full(&self) -> bool {
        self.len() >= CHUNK
    }

    /// Where a layer appends what it has made.
    pub(super) fn end(&mut self) -> &mut Vec<u8> {
        &mut self.octets
    }

    fn take(&mut self, octets: usize) {
        self.taken += octets;
        if self.taken >= self.octets.len() {
            self.octets.clear();
            self.taken = 0;
        } else if self.taken >= CHUNK {
            self.octets.drain(..self.taken);
            self.taken = 0;
        }
    }
}

/// One layer in one direction.
pub(super) trait Stage {
    /// What can go wrong.
    type Problem;

    /// Takes octets from the beginning of `input` and appends what becomes of them to `out`. Takes
    /// all, unless `out` is full.
    fn push(&mut self, input: &[u8], out: &mut Buffer) -> Result<usize, Self::Problem>;

    /// There are no more octets. Appends what is still to come; `false`: `out` is full before.
    fn end(&mut self, out: &mut Buffer) -> Result<bool, Self::Problem>;

    /// How many octets it holds beside its buffer.
    fn held(&self) -> usize;
}

/// All layers of one message. Without a layer, octets pass as they are.
#[derive(Debug)]
pub(super) struct Pipeline<S> {
    stages: Vec<(S, Buffer)>,
    /// What goes in without a layer.
    through: Buffer,
    ended: bool,
    /// How many of the first layers have seen their end.
    finished: usize,
}

/// A layer failed: which, and how.
pub(super) type Failure<S> = (usize, <S as Stage>::Problem);

impl<S: Stage> Pipeline<S> {
    /// Layers in the order in which octets pass them.
    pub(super) fn new(stages: impl IntoIterator<Item = S>) -> Self {
        let stages = stages.into_iter().map(|stage| (stage, Buffer::default()));
        Self {
            stages: stages.collect(),
            through: Buffer::default(),
            ended: false,
            finished: 0,
        }
    }

    pub(super) fn stages(&self) -> impl Iterator<Item = &S> {
        self.stages.iter().map(|(stage, _)| stage)
    }

    /// Takes as much of `input` as there is room for.
    pub(super) fn push(&mut self, input: &[u8]) -> Result<usize, Failure<S>> {
        let mut taken = 0;
        loop {
            let some = &input[taken..input.len().min(taken + CHUNK)];
            let step = match self.stages.first_mut() {
                _ if some.is_empty() => 0,
                None if self.through.is_full() => 0,
                None => {
                    self.through.end().extend_from_slice(some);
                    some.len()
                }
                Some((_, out)) if out.is_full() => 0,
                Some((stage, out)) => stage.push(some, out).map_err(|problem| (0, problem))?,
            };
            taken += step;
            let moved = self.pump()?;
            if step == 0 && !moved {
                return Ok(taken);
            }
        }
    }

    /// There is no more input.
    pub(super) fn end(&mut self) -> Result<(), Failure<S>> {
        self.ended = true;
        while self.pump()? {}
        Ok(())
    }

    /// Fills `out` as far as there is something for it.
    pub(super) fn pull(&mut self, out: &mut [u8]) -> Result<usize, Failure<S>> {
        let mut filled = 0;
        while filled < out.len() {
            let last = self.last();
            let octets = last.as_slice();
            let some = octets.len().min(out.len() - filled);
            out[filled..filled + some].copy_from_slice(&octets[..some]);
            last.take(some);
            filled += some;
            if !self.pump()? && self.last().len() == 0 {
                break;
            }
        }
        Ok(filled)
    }

    /// Whether every layer has seen its end, and everything was pulled.
    pub(super) fn is_done(&self) -> bool {
        let empty = self.stages.last().map_or(&self.through, |(_, out)| out);
        self.ended && self.finished == self.stages.len() && empty.len() == 0
    }

    /// How many octets all layers and buffers hold, in use or not.
    pub(super) fn held(&self) -> usize {
        let stages = self.stages.iter();
        let stages = stages.map(|(stage, out)| stage.held() + out.octets.capacity());
        stages.sum::<usize>() + self.through.octets.capacity()
    }

    fn last(&mut self) -> &mut Buffer {
        match self.stages.last_mut() {
            Some((_, out)) => out,
            None => &mut self.through,
        }
    }

    /// Moves octets on, last layer first; whether anything moved.
    fn pump(&mut self) -> Result<bool, Failure<S>> {
        let mut moved = false;
        let mut index = self.stages.len();
        while index > 0 {
            index -= 1;
            moved |= self.pump_one(index)?;
        }
        Ok(moved)
    }

    fn pump_one(&mut self, index: usize) -> Result<bool, Failure<S>> {
        let failed = |problem| (index, problem);
        let (before, from) = self.stages.split_at_mut(index);
        let Some((stage, out)) = from.first_mut() else {
            return Ok(false);
        };
        let mut moved = false;
        let source = before.last_mut().map(|(_, source)| source);
        if let Some(source) = source {
            while source.len() > 0 && !out.is_full() {
                let octets = source.as_slice();
                let some = &octets[..octets.len().min(CHUNK)];
                let taken = stage.push(some, out).map_err(failed)?;
                moved |= taken > 0;
                source.take(taken);
            }
            if source.len() > 0 {
                return Ok(moved);
            }
        }
        if self.ended && self.finished == index && !out.is_full() {
            let held = out.len();
            if stage.end(out).map_err(failed)? {
                self.finished += 1;
                moved = true;
            }
            moved |= out.len() > held;
        }
        Ok(moved)
    }
}
