// The mistake is in the next line.
const broken = ;
