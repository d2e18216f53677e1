"""Which reports there are, by the names under which they are asked for. Pure."""

from __future__ import annotations

from tracking.reports.carriage_layouts import ON_TIME, OPERATOR_QUARTER, POSTAL_KPI
from tracking.reports.dossier_layouts import BY_PROCEDURE, FORM_II_06, SETTLED_ON_TIME

LAYOUTS = {
    layout.name: layout for layout in (POSTAL_KPI, FORM_II_06, BY_PROCEDURE, SETTLED_ON_TIME, ON_TIME, OPERATOR_QUARTER)
}
