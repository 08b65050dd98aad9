"""Bulk import: many patients at once, from long tables, FHIR bulk exports and OMOP tables, into the store.

Two ways lead there. Every distinct content is read once by the readers of a single patient; rows that are plain become columns
at once, and whatever is not plain (several results of a day, corrections, what cannot be read) is read patient by patient.
"""
