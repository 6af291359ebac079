"""What the tasks of the DAGs do; nothing in here needs Airflow."""
