"""What people read: charts, pages, sheets."""
