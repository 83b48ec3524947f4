"""From stays to verdicts, by rules that have dates; what people correct, and how it is said."""
