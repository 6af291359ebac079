"""Entry file of the app: ``streamlit run streamlit_app/app.py``."""

from fare_app.shell import main

main()
