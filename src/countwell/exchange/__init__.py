"""What comes in and goes out: records, FHIR, laboratory CSV, schemas."""
