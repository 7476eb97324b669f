"""Tables of mixed columns, as they come in CSV files: read, learnt from, predicted for, and kept (extra ``table``)."""

from .delimited import TableError, read_table
from .keeping import load_table_model, save_table_model
from .table_model import TableModel, TableTask, fit_table, prepare_table

__all__ = [
    "TableError",
    "TableModel",
    "TableTask",
    "fit_table",
    "load_table_model",
    "prepare_table",
    "read_table",
    "save_table_model",
]
