"""The engine: record what is computed, sweep gradients back, transform functions. It knows no application.

The whole idea, in ten lines: a value remembers the rules that lead back from it, and a sweep from the newest value to
the oldest adds up what arrives at each.

>>> import math
>>> def leaf(value):
...     return [value, []]
>>> def exp(x):
...     y = math.exp(x[0])
...     return [y, [(x, lambda g: g * y)]]
>>> def multiply(a, b):
...     return [a[0] * b[0], [(a, lambda g: g * b[0]), (b, lambda g: g * a[0])]]
>>> def sweep(tape, seed=1.0):
...     gradients = {id(tape[-1]): seed}
...     for value in reversed(tape):
...         for parent, rule in value[1]:
...             gradients[id(parent)] = gradients.get(id(parent), 0.0) + rule(gradients[id(value)])
...     return gradients
>>> x = leaf(0.5)
>>> y = exp(x)
>>> z = multiply(x, y)  # x eˣ, whose derivative is (1 + x) eˣ
>>> sweep([x, y, z])[id(x)] == (1 + 0.5) * math.exp(0.5)
True

What is here is this, made fast, safe and complete. To be read in this order:

``..table.primitive``   what can be recorded: a NumPy function and its rules
``graph``               the nodes that a computation leaves behind
``recording``           whether to record, and how much
``sweep``               the backward sweep
``tensor``              the handle: a value and the node that made it
``methods``             the table's functions as methods
``protocols``           NumPy's protocols, and the doors out of the graph
``defining``            primitives of the user's own
``trees``               nested containers
``transforms``          grad, vjp, jvp
``together``            the sweep of many cotangents at once
``jacobians``           jacobian, hessian, hvp
``watching``, ``hooks``   what a sweep looks at on its way: arrays that changed, NaN and infinity; hooks
``recomputing``         checkpoints: what is not kept, but computed again
"""
