"""Every template in one ordered table, with how often fixes of its kind occur.

Priors are thousands of fixes per pattern in TSSB-3M (Richter and Wehrheim, MSR 2022: single-statement
bug fixes of public Python projects), split where several templates share one pattern, and cut where
only a part of a pattern can be enumerated (a replaced number or string is rarely a near one). Patterns
beyond single expressions are not in TSSB-3M; theirs are set in proportion to Pan, Kim and Whitehead
(EMSE 2009), where changed call arguments are 15-26 %, changed if conditions 6-19 % and changed
assigned expressions 6-14 % of fix hunks. Priors marked E are our estimates within these bounds.
"""

from dataclasses import dataclass

from agent.planners.search.templates import (
    arguments,
    assignments,
    calls,
    collections,
    conditions,
    constants,
    defaults,
    exceptions,
    guards,
    names,
    operands,
    operators,
    returns,
    statements,
    strings,
    subscripts,
    unused,
)
from agent.planners.search.templates.site import Template


@dataclass(frozen=True, slots=True)
class Family:
    """A template with its name and its prior."""

    name: str
    prior: float
    template: Template
    ceiling: float = 1.0
    """Largest share of the prior that one edit usually gets: no site is looked at before its turn."""


TOTAL = 2700
"""The sum of the priors, about: what makes a prior a share of all fixes."""

FAMILIES: tuple[Family, ...] = (
    Family("names.identifier", 237, names.identifier, 0.15),
    Family("names.attribute", 80, names.attribute, 0.09),
    Family("names.whole", 24, names.whole, 0.18),
    Family("names.shorten", 16, names.shorten),
    Family("names.extend", 32, names.extend, 0.75),
    Family("operands.operand", 70, operands.operand, 0.09),
    Family("operands.one_of_two", 35, operands.one_of_two, 0.53),
    Family("operands.off_by_one", 40, operands.off_by_one, 0.53),
    Family("operands.combined", 40, operands.combined, 0.08),  # E
    Family("operands.expression", 45, operands.expression, 0.2),  # E
    Family("operands.either", 25, operands.either, 0.19),  # E
    Family("unused.use", 80, unused.use, 0.36),  # E: rare, but telling where it applies
    Family("operators.binary", 15, operators.binary, 0.35),
    Family("operators.comparison", 35, operators.comparison, 0.33),
    Family("operators.boolean", 15, operators.boolean),
    Family("operators.augmented", 15, operators.augmented, 0.46),
    Family("operators.unary", 6, operators.unary),
    Family("conditions.negate", 30, conditions.negate),
    Family("conditions.bounds", 50, conditions.bounds, 0.53),
    Family("conditions.truth", 15, conditions.truth),
    Family("conditions.membership", 10, conditions.membership),
    Family("conditions.drop_part", 22, conditions.drop_part, 0.53),
    Family("conditions.strengthen", 68, conditions.strengthen, 0.03),
    Family("conditions.weaken", 22, conditions.weaken, 0.03),
    Family("conditions.replace", 30, conditions.replace, 0.04),  # E
    Family("conditions.branches", 10, conditions.branches),  # E
    Family("constants.number", 60, constants.number, 0.26),
    Family("constants.boolean", 37, constants.boolean),
    Family("constants.kind", 12, constants.kind, 0.37),
    Family("constants.string", 15, constants.string, 0.09),
    Family("constants.to_name", 30, constants.to_name, 0.2),
    Family("calls.function", 60, calls.function, 0.06),
    Family("calls.method", 60, calls.method, 0.12),
    Family("calls.receiver", 25, calls.receiver, 0.16),
    Family("calls.around", 90, calls.around, 0.08),
    Family("calls.unwrap", 15, calls.unwrap),
    Family("calls.add_method", 40, calls.add_method, 0.25),
    Family("arguments.swap", 12, arguments.swap),
    Family("arguments.drop", 50, arguments.drop),
    Family("arguments.add", 110, arguments.add, 0.09),
    Family("arguments.replace", 50, arguments.replace, 0.14),
    Family("arguments.keyword", 20, arguments.keyword, 0.75),
    Family("arguments.double", 5, arguments.double),
    Family("subscripts.index", 25, subscripts.index, 0.3),
    Family("subscripts.bounds", 25, subscripts.bounds),
    Family("subscripts.between", 8, subscripts.between, 0.75),
    Family("subscripts.around", 30, subscripts.around, 0.2),
    Family("subscripts.lookup", 12, subscripts.lookup),
    Family("collections.element", 45, collections.element, 0.53),
    Family("collections.enclose", 15, collections.enclose, 0.53),
    Family("collections.isinstance_types", 20, collections.isinstance_types),
    Family("collections.comprehension", 20, collections.comprehension),
    Family("guards.leave", 90, guards.leave, 0.05),  # E
    Family("guards.only_if", 60, guards.only_if, 0.1),  # E
    Family("guards.default", 10, guards.default, 0.18),  # E
    Family("guards.raising", 15, guards.raising, 0.03),  # E
    Family("guards.unguard", 8, guards.unguard),  # E
    Family("statements.delete", 15, statements.delete),  # E
    Family("statements.swap", 10, statements.swap),  # E
    Family("statements.move", 12, statements.move, 0.46),  # E
    Family("statements.nest", 12, statements.nest),  # E
    Family("statements.copy", 30, statements.copy, 0.15),  # E
    Family("statements.replace", 20, statements.replace, 0.28),  # E
    Family("statements.leave", 5, statements.leave, 0.35),  # E
    Family("returns.value", 35, returns.value, 0.53),  # E
    Family("returns.missing", 20, returns.missing),  # E
    Family("returns.generator", 10, returns.generator),  # E
    Family("returns.awaited", 10, returns.awaited),  # E
    Family("assignments.target", 20, assignments.target, 0.35),
    Family("assignments.order", 20, assignments.order),  # E
    Family("assignments.parallel", 5, assignments.parallel),  # E
    Family("assignments.missing", 10, assignments.missing, 0.36),  # E
    Family("assignments.update", 15, assignments.update, 0.12),  # E
    Family("assignments.method", 12, assignments.method, 0.19),  # E
    Family("exceptions.caught", 25, exceptions.caught),  # E
    Family("exceptions.raised", 12, exceptions.raised),  # E
    Family("exceptions.handle", 12, exceptions.handle, 0.11),  # E
    Family("defaults.value", 15, defaults.value, 0.18),  # E
    Family("defaults.fresh", 10, defaults.fresh),  # E
    Family("defaults.parameter", 5, defaults.parameter, 0.75),  # E
    Family("defaults.decorator", 3, defaults.decorator, 0.35),  # E
    Family("strings.literal", 25, strings.literal, 0.28),  # E
    Family("strings.prefix", 4, strings.prefix, 0.61),  # E
    Family("strings.conversion", 6, strings.conversion),  # E
    Family("strings.join", 6, strings.join, 0.27),  # E
)
