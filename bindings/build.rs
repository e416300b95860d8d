//! Lets the addon find the symbols of Node at run time.

fn main() {
    napi_build::setup();
}
