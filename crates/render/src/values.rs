//! The values of a rendering: from flags and files, merged with those of charts.
