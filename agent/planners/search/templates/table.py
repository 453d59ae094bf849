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


TOTAL = 2700
"""The sum of the priors, about: what makes a prior a share of all fixes."""

FAMILIES: tuple[Family, ...] = (
    Family("names.identifier", 237, names.identifier),
    Family("names.attribute", 80, names.attribute),
    Family("names.whole", 24, names.whole),
    Family("names.shorten", 16, names.shorten),
    Family("names.extend", 32, names.extend),
    Family("operands.operand", 70, operands.operand),
    Family("operands.one_of_two", 35, operands.one_of_two),
    Family("operands.off_by_one", 40, operands.off_by_one),
    Family("operands.combined", 40, operands.combined),  # E
    Family("operands.expression", 45, operands.expression),  # E
    Family("operands.either", 25, operands.either),  # E
    Family("unused.use", 80, unused.use),  # E: rare, but telling where it applies
    Family("operators.binary", 15, operators.binary),
    Family("operators.comparison", 35, operators.comparison),
    Family("operators.boolean", 15, operators.boolean),
    Family("operators.augmented", 15, operators.augmented),
    Family("operators.unary", 15, operators.unary),
    Family("conditions.negate", 30, conditions.negate),
    Family("conditions.bounds", 50, conditions.bounds),
    Family("conditions.truth", 15, conditions.truth),
    Family("conditions.membership", 10, conditions.membership),
    Family("conditions.drop_part", 22, conditions.drop_part),
    Family("conditions.strengthen", 68, conditions.strengthen),
    Family("conditions.weaken", 22, conditions.weaken),
    Family("conditions.replace", 30, conditions.replace),  # E
    Family("conditions.branches", 10, conditions.branches),  # E
    Family("constants.number", 60, constants.number),
    Family("constants.boolean", 37, constants.boolean),
    Family("constants.kind", 12, constants.kind),
    Family("constants.string", 15, constants.string),
    Family("constants.to_name", 30, constants.to_name),
    Family("calls.function", 60, calls.function),
    Family("calls.method", 60, calls.method),
    Family("calls.receiver", 25, calls.receiver),
    Family("calls.around", 90, calls.around),
    Family("calls.unwrap", 20, calls.unwrap),
    Family("calls.add_method", 40, calls.add_method),
    Family("arguments.swap", 12, arguments.swap),
    Family("arguments.drop", 50, arguments.drop),
    Family("arguments.add", 110, arguments.add),
    Family("arguments.replace", 50, arguments.replace),
    Family("arguments.keyword", 20, arguments.keyword),
    Family("arguments.double", 5, arguments.double),
    Family("subscripts.index", 25, subscripts.index),
    Family("subscripts.bounds", 25, subscripts.bounds),
    Family("subscripts.between", 8, subscripts.between),
    Family("subscripts.around", 30, subscripts.around),
    Family("subscripts.lookup", 12, subscripts.lookup),
    Family("collections.element", 45, collections.element),
    Family("collections.enclose", 15, collections.enclose),
    Family("collections.isinstance_types", 20, collections.isinstance_types),
    Family("collections.comprehension", 20, collections.comprehension),
    Family("guards.leave", 90, guards.leave),  # E
    Family("guards.only_if", 60, guards.only_if),  # E
    Family("guards.default", 10, guards.default),  # E
    Family("guards.raising", 15, guards.raising),  # E
    Family("guards.unguard", 8, guards.unguard),  # E
    Family("statements.delete", 15, statements.delete),  # E
    Family("statements.swap", 10, statements.swap),  # E
    Family("statements.move", 12, statements.move),  # E
    Family("statements.nest", 12, statements.nest),  # E
    Family("statements.copy", 30, statements.copy),  # E
    Family("statements.replace", 20, statements.replace),  # E
    Family("statements.leave", 5, statements.leave),  # E
    Family("returns.value", 35, returns.value),  # E
    Family("returns.missing", 20, returns.missing),  # E
    Family("returns.generator", 10, returns.generator),  # E
    Family("returns.awaited", 10, returns.awaited),  # E
    Family("assignments.target", 20, assignments.target),
    Family("assignments.order", 20, assignments.order),  # E
    Family("assignments.parallel", 5, assignments.parallel),  # E
    Family("assignments.missing", 10, assignments.missing),  # E
    Family("assignments.update", 15, assignments.update),  # E
    Family("assignments.method", 12, assignments.method),  # E
    Family("exceptions.caught", 25, exceptions.caught),  # E
    Family("exceptions.raised", 12, exceptions.raised),  # E
    Family("exceptions.handle", 12, exceptions.handle),  # E
    Family("defaults.value", 15, defaults.value),  # E
    Family("defaults.fresh", 10, defaults.fresh),  # E
    Family("defaults.parameter", 5, defaults.parameter),  # E
    Family("defaults.decorator", 3, defaults.decorator),  # E
    Family("strings.literal", 25, strings.literal),  # E
    Family("strings.prefix", 4, strings.prefix),  # E
    Family("strings.conversion", 6, strings.conversion),  # E
    Family("strings.join", 6, strings.join),  # E
)
