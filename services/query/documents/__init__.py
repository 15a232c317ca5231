"""The bytes of documents, whole or in part."""
