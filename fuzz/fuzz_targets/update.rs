#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fresh_images_testing::checks::update::check(data));
