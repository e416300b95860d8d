//! What the addon keeps for each Node environment (the main thread and every worker): a share of the thread pools,
//! and the calls in flight, so that a closing environment stops them and joins the threads if it was the last.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::Env;
use quern_engine::{Cancel, Error, PoolOptions, Pools};

use crate::failure::NativeFailure;

struct Environment {
    pools: Arc<Pools>,
    calls: HashMap<u64, Cancel>,
    next_call: u64,
}

/// The number of a call that its environment does not know, because it is ending.
const UNREGISTERED: u64 = 0;

static ENVIRONMENTS: Mutex<Option<HashMap<usize, Environment>>> = Mutex::new(None);

fn environments() -> MutexGuard<'static, Option<HashMap<usize, Environment>>> {
    ENVIRONMENTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The pools, alive at least as long as the environment. The first call of a process decides on `options`.
pub fn pools(env: &Env, options: &PoolOptions) -> napi::Result<Arc<Pools>> {
    let key = env.raw() as usize;
    if let Some(environment) = environments().get_or_insert_default().get(&key) {
        return Ok(Arc::clone(&environment.pools));
    }
    napi::bindgen_prelude::retain_current_module_for_unload_safety();
    let pools = Pools::shared(options).map_err(thrown)?;
    let environment = Environment {
        pools: Arc::clone(&pools),
        calls: HashMap::new(),
        next_call: UNREGISTERED + 1,
    };
    environments().get_or_insert_default().insert(key, environment);
    env.add_env_cleanup_hook(key, |key| {
        let gone = environments().as_mut().and_then(|all| all.remove(&key));
        if let Some(environment) = gone {
            environment.calls.values().for_each(Cancel::cancel);
        }
    })?;
    Ok(pools)
}

/// A call in flight; forgotten when dropped.
pub struct Call {
    environment: usize,
    id: u64,
}

/// Registers a call, so that it is cancelled when its environment ends.
pub fn register(env: &Env, cancel: &Cancel) -> Call {
    let key = env.raw() as usize;
    let mut all = environments();
    let mut id = UNREGISTERED;
    if let Some(environment) = all.as_mut().and_then(|all| all.get_mut(&key)) {
        id = environment.next_call;
        environment.next_call += 1;
        environment.calls.insert(id, cancel.clone());
    }
    Call { environment: key, id }
}

impl Drop for Call {
    fn drop(&mut self) {
        if let Some(environment) = environments()
            .as_mut()
            .and_then(|all| all.get_mut(&self.environment))
        {
            environment.calls.remove(&self.id);
        }
    }
}

/// For the few synchronous calls that can fail: an exception whose message is what `ts/errors.ts` would say.
pub fn thrown(error: Error) -> napi::Error {
    let failure = NativeFailure::from(error);
    napi::Error::from_reason(format!("{}: {}", failure.code, failure.message))
}
