// A file has all of its blocks.

begin();
