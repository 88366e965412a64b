"""One offline page of everything that was checked: `ratecheck report`."""
