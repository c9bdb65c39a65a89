//! Handles are tokens, not addresses: a place in a table and how often it was used before. One
//! that was freed, made up or taken for another kind is found out without touching memory
//! (threat model X3). The table also keeps two threads out of one object, and a fork's child out
//! of its parent's (X4, X7).
//!
//! Places are never given back to the system, only used again: whoever comes late finds a place,
//! and sees by its count that the object is gone.

use std::any::{Any, TypeId};
use std::cell::UnsafeCell;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering};

use crate::status::{Fail, Outcome, oftp_code};

/// What can have a handle.
pub(crate) trait Object: Any + Send {
    /// The opaque type of the header.
    type Handle;
    /// Its name in error texts.
    const NAME: &'static str;
    /// Whether a second thread waits, because every use is short, or gets `OFTP_E_BUSY`.
    const WAITS: bool = false;
}

/// One place of the table.
#[derive(Default)]
struct Place {
    /// The thread that uses it, or [`NOBODY`].
    owner: AtomicUsize,
    /// How often it was filled and emptied; odd while it is filled.
    count: AtomicU32,
    /// Only the owner touches what follows.
    inside: UnsafeCell<Inside>,
}

#[derive(Default)]
struct Inside {
    object: Option<Box<dyn Any + Send>>,
    /// What it is: asked while a call may have the only reference to it.
    kind: Option<TypeId>,
    /// A call has a reference to the object: none may get a second one.
    borrowed: bool,
    /// A panic went through it.
    poisoned: bool,
    /// Callbacks are being made: only [`remove`] and a second dispatch mind.
    calling_back: bool,
    forks: u32,
}

// SAFETY: `inside` is touched only by the thread that has put itself into `owner`, and what is
// inside may move between threads.
unsafe impl Sync for Place {}

const NOBODY: usize = 0;

/// Places of the first block; each block has twice as many as the one before.
const FIRST: usize = 64;
const BLOCKS: usize = 20;

static TABLE: [AtomicPtr<Place>; BLOCKS] = [const { AtomicPtr::new(std::ptr::null_mut()) }; BLOCKS];
static FREE: Free = Free {
    locked: AtomicBool::new(false),
    list: UnsafeCell::new(List {
        places: Vec::new(),
        used: 0,
    }),
};

/// Which places have no object. A lock of our own, because it must be held over a fork: a mutex of
/// the standard library cannot be given back by the child.
struct Free {
    locked: AtomicBool,
    list: UnsafeCell<List>,
}

struct List {
    places: Vec<u32>,
    used: u32,
}

// SAFETY: the list is touched only by who has set `locked`.
unsafe impl Sync for Free {}

impl Free {
    fn lock(&self) {
        while self.locked.swap(true, Ordering::Acquire) {
            std::thread::yield_now();
        }
    }

    fn unlock(&self) {
        self.locked.store(false, Ordering::Release);
    }

    /// Works on the list, which takes a few instructions.
    fn with<R>(&self, work: impl FnOnce(&mut List) -> R) -> R {
        struct Unlock<'a>(&'a Free);
        impl Drop for Unlock<'_> {
            fn drop(&mut self) {
                self.0.unlock();
            }
        }
        self.lock();
        let _unlock = Unlock(self);
        // SAFETY: the lock is ours.
        work(unsafe { &mut *self.list.get() })
    }
}

static FORKS: AtomicU32 = AtomicU32::new(0);
static WATCHING: LazyLock<()> = LazyLock::new(|| {
    extern "C" fn before() {
        FREE.lock();
    }
    extern "C" fn parent() {
        FREE.unlock();
    }
    extern "C" fn child() {
        FORKS.fetch_add(1, Ordering::Relaxed);
        // Threads of the parent that had a place are not here: it would never be given back. What
        // is in it is found to be of the time before the fork.
        for (block, start) in TABLE.iter().enumerate() {
            let start = start.load(Ordering::Acquire);
            if start.is_null() {
                break;
            }
            for at in 0..FIRST << block {
                // SAFETY: block b has FIRST << b places, which live for ever.
                unsafe { &*start.add(at) }
                    .owner
                    .store(NOBODY, Ordering::Relaxed);
            }
        }
        FREE.unlock();
    }
    // SAFETY: the handlers work on atomics alone, which is allowed in the child of a fork.
    unsafe { libc::pthread_atfork(Some(before), Some(parent), Some(child)) };
});

/// The address of a variable of this thread: no two threads that live have the same.
fn this_thread() -> usize {
    thread_local!(static MARK: u8 = const { 0 });
    MARK.try_with(|mark| std::ptr::from_ref(mark) as usize)
        .unwrap_or(usize::MAX)
}

/// The place with this number, which has been used before.
fn place(number: u32) -> Option<&'static Place> {
    let at = number as usize + FIRST;
    let block = (at / FIRST).ilog2() as usize;
    let start = TABLE.get(block)?.load(Ordering::Acquire);
    // SAFETY: block b has FIRST << b places, which live for ever; the number lies in it.
    (!start.is_null()).then(|| unsafe { &*start.add(at - (FIRST << block)) })
}

fn new_place(number: u32) -> Outcome<&'static Place> {
    let at = number as usize + FIRST;
    let block = (at / FIRST).ilog2() as usize;
    let full = || oftp_code::OFTP_E_MEMORY.because("there are too many handles");
    if number >= 1 << NUMBER_BITS {
        return Err(full());
    }
    let start = TABLE.get(block).ok_or_else(full)?;
    if start.load(Ordering::Acquire).is_null() {
        let mut places = Vec::new();
        places
            .try_reserve_exact(FIRST << block)
            .map_err(|_| full())?;
        places.resize_with(FIRST << block, Place::default);
        start.store(places.leak().as_mut_ptr(), Ordering::Release);
    }
    place(number).ok_or_else(full)
}

/// A token is odd, so that it is never the address of anything that malloc gave.
#[cfg(target_pointer_width = "64")]
const NUMBER_BITS: u32 = 31;
#[cfg(not(target_pointer_width = "64"))]
const NUMBER_BITS: u32 = 17;

fn token(number: u32, count: u32) -> usize {
    ((count as usize) << (NUMBER_BITS + 1)) | ((number as usize) << 1) | 1
}

/// The number of a place and the count of its object, if a token looks like one.
fn parts(token: usize) -> Option<(u32, u32)> {
    let number = (token >> 1) & ((1 << NUMBER_BITS) - 1);
    // The cast takes the bits that the token has room for.
    let count = (token >> (NUMBER_BITS + 1)) as u32;
    (token & 1 == 1 && count & 1 == 1).then_some((number as u32, count))
}

/// As much of a count as a token carries.
const fn shown(count: u32) -> u32 {
    if usize::BITS == 64 {
        count
    } else {
        count & ((1 << 14) - 1)
    }
}

/// Puts an object into the table.
pub(crate) fn create<T: Object>(object: T) -> Outcome<*mut T::Handle> {
    LazyLock::force(&WATCHING);
    let number = FREE.with(|free| match free.places.pop() {
        Some(number) => Outcome::Ok(number),
        None => {
            let number = free.used;
            new_place(number)?;
            free.used += 1;
            Ok(number)
        }
    })?;
    let place = new_place(number)?;
    // Nobody has a token for an empty place, but one of a former object may still be tried.
    let owned = own(place, true)?;
    let inside = owned.inside();
    *inside = Inside {
        object: Some(Box::new(object)),
        kind: Some(TypeId::of::<T>()),
        forks: FORKS.load(Ordering::Relaxed),
        ..Inside::default()
    };
    let count = place.count.fetch_add(1, Ordering::AcqRel).wrapping_add(1);
    Ok(std::ptr::without_provenance_mut(token(
        number,
        shown(count),
    )))
}

/// A place that this thread has for itself.
struct Owned {
    place: &'static Place,
    /// This thread had it before: a call inside a callback.
    inner: bool,
}

impl Drop for Owned {
    fn drop(&mut self) {
        if !self.inner {
            self.place.owner.store(NOBODY, Ordering::Release);
        }
    }
}

impl Owned {
    #[expect(clippy::mut_from_ref, reason = "the place is this thread's alone")]
    fn inside(&self) -> &mut Inside {
        // SAFETY: this thread is the owner, and no function keeps this reference while it runs
        // anything that could ask for another one.
        unsafe { &mut *self.place.inside.get() }
    }
}

fn own(place: &'static Place, waits: bool) -> Outcome<Owned> {
    let me = this_thread();
    loop {
        let taken = place
            .owner
            .compare_exchange(NOBODY, me, Ordering::Acquire, Ordering::Relaxed);
        match taken {
            Ok(_) => {
                return Ok(Owned {
                    place,
                    inner: false,
                });
            }
            Err(owner) if owner == me => return Ok(Owned { place, inner: true }),
            Err(_) if waits => std::thread::yield_now(),
            Err(_) => {
                return Err(oftp_code::OFTP_E_BUSY.because(
                    "another thread is using this object: use it in one thread at a time",
                ));
            }
        }
    }
}

/// The place of a handle, if the object is still there.
fn find<T: Object>(handle: *const T::Handle) -> Outcome<Owned> {
    if handle.is_null() {
        return Err(oftp_code::OFTP_E_NULL.because(format!("the {} is NULL", T::NAME)));
    }
    let bad = || {
        let text = format!(
            "this is no {} (any more): it was freed, never made, or is of another kind",
            T::NAME
        );
        oftp_code::OFTP_E_BAD_HANDLE.because(text)
    };
    let (number, count) = parts(handle.addr()).ok_or_else(bad)?;
    let place = place(number).ok_or_else(bad)?;
    let is_there = || shown(place.count.load(Ordering::Acquire)) == count;
    if !is_there() {
        return Err(bad());
    }
    let owned = own(place, T::WAITS)?;
    // It may have gone while this thread came.
    let inside = owned.inside();
    if !is_there() || inside.kind != Some(TypeId::of::<T>()) {
        return Err(bad());
    }
    if inside.forks != FORKS.load(Ordering::Relaxed) {
        return Err(oftp_code::OFTP_E_FORKED.because(format!(
            "the {} was made before a fork: make it in the process that uses it",
            T::NAME
        )));
    }
    Ok(owned)
}

fn reentered<T: Object>() -> Fail {
    oftp_code::OFTP_E_REENTERED
        .because(format!("not allowed inside a callback of this {}", T::NAME))
}

fn check_poison<T: Object>(inside: &Inside) -> Outcome {
    if inside.poisoned {
        return Err(oftp_code::OFTP_E_INTERNAL.because(format!(
            "an earlier call on this {} met a bug of the library: it can only be freed",
            T::NAME
        )));
    }
    Ok(())
}

/// Calls `body` with the object of a handle. Callbacks must not be made in it, unless a call
/// inside them is to get `OFTP_E_REENTERED`.
pub(crate) fn with<T: Object, R>(
    handle: *const T::Handle,
    body: impl FnOnce(&mut T) -> Outcome<R>,
) -> Outcome<R> {
    let owned = find::<T>(handle)?;
    let inside = owned.inside();
    check_poison::<T>(inside)?;
    if inside.borrowed {
        return Err(reentered::<T>());
    }
    inside.borrowed = true;
    let Some(object) = inside.object.as_deref_mut().and_then(|o| o.downcast_mut()) else {
        return Err(oftp_code::OFTP_E_INTERNAL.because("an object has lost its kind"));
    };
    let object: *mut T = object;
    let lent = Lent(&owned);
    // SAFETY: the object stays where it is while `borrowed` is set, and nobody else gets it.
    let result = body(unsafe { &mut *object });
    drop(lent);
    result
}

/// Gives the object back; after a panic, for ever.
struct Lent<'a>(&'a Owned);

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let inside = self.0.inside();
        inside.borrowed = false;
        inside.poisoned |= std::thread::panicking();
    }
}

/// Keeps an object for this thread while its callbacks are made.
pub(crate) struct CallingBack(Owned);

impl CallingBack {
    /// # Errors
    /// Another thread has it, or callbacks of it are being made already.
    pub(crate) fn begin<T: Object>(handle: *const T::Handle) -> Outcome<Self> {
        let owned = find::<T>(handle)?;
        let inside = owned.inside();
        check_poison::<T>(inside)?;
        if inside.calling_back || inside.borrowed {
            return Err(reentered::<T>());
        }
        inside.calling_back = true;
        Ok(Self(owned))
    }
}

impl Drop for CallingBack {
    fn drop(&mut self) {
        let inside = self.0.inside();
        inside.calling_back = false;
        inside.poisoned |= std::thread::panicking();
    }
}

/// Takes an object out of the table. Works on a poisoned one as well.
pub(crate) fn remove<T: Object>(handle: *const T::Handle) -> Outcome<Box<T>> {
    let owned = find::<T>(handle)?;
    let inside = owned.inside();
    if inside.calling_back || inside.borrowed {
        return Err(reentered::<T>());
    }
    let lost = || oftp_code::OFTP_E_INTERNAL.because("an object has lost its kind");
    let object = inside.object.take().ok_or_else(lost)?;
    inside.kind = None;
    owned.place.count.fetch_add(1, Ordering::AcqRel);
    drop(owned);
    if let Some((number, _)) = parts(handle.addr()) {
        FREE.with(|free| free.places.push(number));
    }
    let object: Box<dyn Any> = object;
    object.downcast().map_err(|_| lost())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::guard;
    use crate::status::oftp_last_error;

    enum Handle {}
    struct Thing(u32);

    impl Object for Thing {
        type Handle = Handle;
        const NAME: &'static str = "thing";
    }

    fn thing() -> *mut Handle {
        create(Thing(7)).expect("a place")
    }

    fn last_error() -> String {
        // SAFETY: never NULL, and borrowed until the next call.
        let text = unsafe { std::ffi::CStr::from_ptr(oftp_last_error()) };
        text.to_string_lossy().into_owned()
    }

    /// (threat model X6)
    #[test]
    fn a_panic_is_an_error_and_the_object_can_only_be_freed() {
        let handle = thing();
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let status = guard(|| with::<Thing, i32>(handle, |_| panic!("on purpose")));
        std::panic::set_hook(hook);
        assert_eq!(status, oftp_code::OFTP_E_INTERNAL as i32);
        assert!(
            last_error().contains("bug of the library"),
            "{}",
            last_error()
        );
        assert!(last_error().ends_with("on purpose"));
        let again = guard(|| with::<Thing, i32>(handle, |_| Ok(0)));
        assert_eq!(again, oftp_code::OFTP_E_INTERNAL as i32);
        assert!(
            last_error().contains("can only be freed"),
            "{}",
            last_error()
        );
        assert!(remove::<Thing>(handle).is_ok());
        let gone = guard(|| with::<Thing, i32>(handle, |_| Ok(0)));
        assert_eq!(gone, oftp_code::OFTP_E_BAD_HANDLE as i32);
    }

    /// (threat model X3)
    #[test]
    fn a_place_is_used_again_and_old_tokens_are_not_taken_for_new_ones() {
        let mut old = Vec::new();
        for _ in 0..200 {
            let handle = thing();
            assert!(!old.contains(&handle));
            assert_eq!(with::<Thing, _>(handle, |thing| Ok(thing.0)).ok(), Some(7));
            assert!(remove::<Thing>(handle).is_ok());
            old.push(handle);
        }
        let live = thing();
        for handle in old {
            assert!(with::<Thing, _>(handle, |_| Ok(())).is_err());
            assert!(remove::<Thing>(handle).is_err());
        }
        assert!(remove::<Thing>(live).is_ok());
    }

    #[test]
    fn there_is_room_for_many_and_none_moves() {
        let handles: Vec<_> = (0..3000).map(|_| thing()).collect();
        for handle in &handles {
            assert!(with::<Thing, _>(*handle, |_| Ok(())).is_ok());
        }
        for handle in handles {
            assert!(remove::<Thing>(handle).is_ok());
        }
    }

    /// (threat model X2)
    #[test]
    fn nothing_has_an_object_twice() {
        let handle = thing();
        let inner = with::<Thing, _>(handle, |_| {
            let twice = with::<Thing, _>(handle, |_| Ok(()))
                .err()
                .map(|fail| fail.code);
            let freed = remove::<Thing>(handle).err().map(|fail| fail.code);
            Ok((twice, freed))
        });
        let reentered = Some(oftp_code::OFTP_E_REENTERED as i32);
        assert_eq!(inner.ok(), Some((reentered, reentered)));
        let Ok(calling) = CallingBack::begin::<Thing>(handle) else {
            panic!("nobody has it");
        };
        assert!(with::<Thing, _>(handle, |_| Ok(())).is_ok());
        assert!(CallingBack::begin::<Thing>(handle).is_err());
        assert!(remove::<Thing>(handle).is_err());
        drop(calling);
        assert!(remove::<Thing>(handle).is_ok());
    }
}
