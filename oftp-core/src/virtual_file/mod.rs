//! virtual_file
