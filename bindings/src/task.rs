//! A task of the engine's pools behind a promise.

use std::sync::{Mutex, MutexGuard, TryLockError};

use napi::bindgen_prelude::{Either, Object, ToNapiValue};
use napi::{Env, Result};
use quern_engine::{Cancel, Code, Error, Pool, contained};

use crate::environment;
use crate::failure::NativeFailed;

type Outcome<T> = Either<T, NativeFailed>;
type Resolver<T> = Box<dyn FnOnce(Env) -> Result<Outcome<T>> + Send>;

/// Runs `task` on `pool`. The promise resolves to its value, or to `{ failure }` if it fails or panics.
pub fn promise<'env, T, F>(env: &'env Env, pool: &Pool, cancel: &Cancel, task: F) -> Result<Object<'env>>
where
    T: ToNapiValue + Send + 'static,
    F: FnOnce() -> std::result::Result<T, Error> + Send + 'static,
{
    let (done, promise) = deferred(env)?;
    let call = environment::register(env, cancel);
    pool.spawn(move || {
        let outcome = contained(task);
        drop(call);
        done(outcome);
    });
    Ok(promise)
}

/// What settles a promise, from any thread.
type Settle<T> = Box<dyn FnOnce(std::result::Result<T, Error>) + Send>;

/// A promise, and what settles it: it resolves to the value or to `{ failure }`.
pub fn deferred<T: ToNapiValue + Send + 'static>(env: &Env) -> Result<(Settle<T>, Object<'_>)> {
    let (deferred, promise) = env.create_deferred::<Outcome<T>, Resolver<T>>()?;
    let done = move |outcome: std::result::Result<T, Error>| {
        deferred.resolve(Box::new(move |_| {
            Ok(match outcome {
                Ok(value) => Either::A(value),
                Err(error) => Either::B(error.into()),
            })
        }));
    };
    Ok((Box::new(done), promise))
}

/// What `state` guards, unless a task has it.
pub fn unless_busy<T>(state: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match state.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// What a call fails with whose predecessor is still under way.
pub fn busy() -> Error {
    Error::new(Code::Internal, "called again before the call before it was done")
}
