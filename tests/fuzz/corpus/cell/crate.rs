crate::begin();
