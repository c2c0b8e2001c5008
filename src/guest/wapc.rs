//! The guest's side of waPC, whole: <https://wapc.io/docs/spec/>.
//!
//! The crate `wapc-guest`, which the policy SDK uses, finds a function by its name in a hash table that it builds
//! in every instance. A policy lives for one call, so here the host's call is the call, which saves a fifth of the
//! module and most of the time that an instance takes to start.
#![expect(
    unsafe_code,
    reason = "the host is reached through pointers into this memory, and waPC looks for symbols"
)]

#[link(wasm_import_module = "wapc")]
unsafe extern "C" {
    fn __guest_request(operation: *mut u8, payload: *mut u8);
    fn __guest_response(answer: *const u8, length: usize);
    fn __guest_error(message: *const u8, length: usize);
    fn __host_call(
        binding: *const u8,
        binding_length: usize,
        namespace: *const u8,
        namespace_length: usize,
        operation: *const u8,
        operation_length: usize,
        payload: *const u8,
        payload_length: usize,
    ) -> usize;
    fn __host_response_len() -> usize;
    fn __host_response(answer: *mut u8);
    fn __host_error_len() -> usize;
    fn __host_error(message: *mut u8);
}

/// The host's one way in: the lengths of the operation's name and of the payload. Gives 1, or 0 for a fault.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn __guest_call(operation: usize, payload: usize) -> i32 {
    let (mut operation, mut payload) = (vec![0; operation], vec![0; payload]);
    // SAFETY: the host writes as many bytes as it announced, and each buffer is as long.
    unsafe { __guest_request(operation.as_mut_ptr(), payload.as_mut_ptr()) };
    match super::call(&operation, &payload) {
        Ok(answer) => {
            // SAFETY: the host reads these bytes before it returns.
            unsafe { __guest_response(answer.as_ptr(), answer.len()) };
            1
        }
        Err(message) => {
            // SAFETY: as above.
            unsafe { __guest_error(message.as_ptr(), message.len()) };
            0
        }
    }
}

/// Asks the host for one of its capabilities.
///
/// # Errors
///
/// What the host says, if it has no answer.
pub(super) fn host_call(
    binding: &str,
    namespace: &str,
    operation: &str,
    payload: &[u8],
) -> Result<Vec<u8>, Vec<u8>> {
    // SAFETY: the host reads these bytes before it returns.
    let is_answered = unsafe {
        __host_call(
            binding.as_ptr(),
            binding.len(),
            namespace.as_ptr(),
            namespace.len(),
            operation.as_ptr(),
            operation.len(),
            payload.as_ptr(),
            payload.len(),
        )
    };
    if is_answered == 1 {
        // SAFETY: no pointer is passed.
        let mut answer = vec![0; unsafe { __host_response_len() }];
        // SAFETY: the host writes as many bytes as it said.
        unsafe { __host_response(answer.as_mut_ptr()) };
        Ok(answer)
    } else {
        // SAFETY: as above.
        let mut message = vec![0; unsafe { __host_error_len() }];
        // SAFETY: as above.
        unsafe { __host_error(message.as_mut_ptr()) };
        Err(message)
    }
}
