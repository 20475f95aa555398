"""Which names a module of Python binds, reads and changes, in the order in which it runs."""

from __future__ import annotations

import ast

_DYNAMIC = frozenset({"exec", "eval", "globals", "locals", "vars", "setattr", "delattr"})
_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


class NameVisitor(ast.NodeVisitor):
    """Follows the top level of a module; what functions read counts as read later.

    Branches are taken as if all of them ran, one after the other.
    """

    def __init__(self) -> None:
        self.binds: set[str] = set()
        self.uses: set[str] = set()
        self.later: set[str] = set()
        self.changes: set[str] = set()
        self.removes: set[str] = set()
        self.modules: set[str] = set()
        self.opaque = False
        self.made: dict[str, list[ast.stmt]] = {}
        """The statements of the top level that bind or change each name."""
        self._statement: ast.stmt | None = None

    def visit_Module(self, node: ast.Module) -> None:
        for statement in node.body:
            self._statement = statement
            self.visit(statement)

    def visit_Constant(self, node: ast.Constant) -> None:
        """It has no names; `ast` would look up what kind of a constant it is."""

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self._bind(node.id)
        elif isinstance(node.ctx, ast.Del):
            self._use(node.id)
            self.binds.discard(node.id)
            self.removes.add(node.id)
        else:
            self._use(node.id)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        self._visit_all(node.targets)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self._use(node.target.id)
        self.visit(node.value)
        self.visit(node.target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self.visit(node.target)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self.visit(node.target)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self.visit(node.target)
        self._visit_all([*node.body, *node.orelse])

    visit_AsyncFor = visit_For  # noqa: N815  # as `ast` names its nodes

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._note_change(node)
        self.visit(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self._note_change(node)
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        # A method that is called for nothing but its effect may change its object.
        call = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            name = _root(call.func)
            if name is not None:
                self._change(name)
        self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id in _DYNAMIC:
            self.opaque = True
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self._bind(name)
            self.modules.add(name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.opaque = True
            else:
                self._bind(alias.asname or alias.name)
                self.modules.add(alias.asname or alias.name)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self.visit(node.type)
        inner = self.binds | ({node.name} if node.name else set())
        before, self.binds = self.binds, inner
        self._visit_all(node.body)
        # The name of the error is unbound when its handler is left.
        if node.name and node.name not in before:
            self.binds.discard(node.name)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        self.generic_visit(node)
        if node.name:
            self._bind(node.name)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self._bind(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.generic_visit(node)
        if node.rest:
            self._bind(node.rest)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._visit_all(node.decorator_list)
        self._defaults(node)
        self._bind(node.name)
        self._function(node, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815  # as `ast` names its nodes

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._defaults(node)
        self._function(node, [node.body])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._visit_all([*node.decorator_list, *node.bases, *node.keywords])
        inner = NameVisitor()
        inner._visit_all(node.body)
        self._take(inner)
        self._bind(node.name)

    def visit_ListComp(self, node: _Comprehension) -> None:
        inner = NameVisitor()
        for generator in node.generators:
            inner.visit(generator.iter)
            inner.visit(generator.target)
            inner._visit_all(generator.ifs)
        for part in ("key", "value", "elt"):
            if isinstance(found := getattr(node, part, None), ast.expr):
                inner.visit(found)
        self._take(inner)

    visit_SetComp = visit_ListComp  # noqa: N815  # as `ast` names its nodes
    visit_GeneratorExp = visit_ListComp  # noqa: N815  # as `ast` names its nodes
    visit_DictComp = visit_ListComp  # noqa: N815  # as `ast` names its nodes

    def _function(self, node: _Function, body: list[ast.stmt] | list[ast.expr]) -> None:
        """Take what a function reads and doesn't bind itself, wherever in it that is."""
        inner, arguments = NameVisitor(), node.args
        inner._visit_all(body)
        own = {each.arg for each in [*arguments.posonlyargs, *arguments.args]}
        own |= {each.arg for each in arguments.kwonlyargs}
        own |= {each.arg for each in (arguments.vararg, arguments.kwarg) if each is not None}
        declared = {
            name for each in ast.walk(node) if isinstance(each, ast.Global) for name in each.names
        }
        self.later |= (inner.uses | inner.later) - ((inner.binds | own) - declared)
        # A function that binds global names does so whenever it is called.
        self.opaque = self.opaque or inner.opaque or bool(declared)

    def _defaults(self, node: _Function) -> None:
        given = [each for each in node.args.kw_defaults if each is not None]
        self._visit_all([*node.args.defaults, *given])

    def _take(self, inner: NameVisitor) -> None:
        """Take what a scope of its own reads of this one."""
        for name in inner.uses:
            self._use(name)
        self.later |= inner.later
        for name in inner.changes - inner.binds:
            self._change(name)
        self.opaque = self.opaque or inner.opaque

    def _note_change(self, node: ast.Attribute | ast.Subscript) -> None:
        name = None if isinstance(node.ctx, ast.Load) else _root(node)
        if name is not None:
            self._change(name)

    def _visit_all(self, nodes: list[ast.stmt] | list[ast.expr] | list[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)

    def _bind(self, name: str) -> None:
        self.binds.add(name)
        self.removes.discard(name)
        self._make(name)

    def _change(self, name: str) -> None:
        self.changes.add(name)
        self._make(name)

    def _make(self, name: str) -> None:
        made = self.made.setdefault(name, [])
        if self._statement is not None and (not made or made[-1] is not self._statement):
            made.append(self._statement)

    def _use(self, name: str) -> None:
        if name not in self.binds:
            self.uses.add(name)


def _root(node: ast.expr) -> str | None:
    """Return the name at the beginning of `name.a[b].c`."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None
