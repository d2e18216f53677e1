"""The national public service portal (Cổng Dịch vụ công quốc gia): its copy of our dossiers, kept at the newest state.

No specification of it is public: the three ways in which systems in the field speak to it are read from their sources.
"""
