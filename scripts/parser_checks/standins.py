"""Imports the parser modules of a package from its wheel and lets empty modules stand in for the rest of the package.

A server's package imports its whole engine, which needs a GPU and gigabytes of dependencies. Its parsers are plain
Python: the modules whose names begin with one of `real` are run from the wheel as they are. Every other module of the
package, and of the packages in `absent`, has any attribute one asks it for, and none does anything.
"""

import importlib.abc
import importlib.util
import sys
import types
import zipfile

from pydantic_core import core_schema


class Anything:
    """An object that can be called, asked for any attribute, and stand as a type in a pydantic model."""

    def __init__(self, *arguments, **options):
        pass

    def __init_subclass__(cls, **options):
        pass

    def __call__(self, *arguments, **options):
        return Anything()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()

    def __iter__(self):
        return iter(())

    def __bool__(self):
        return True

    def __class_getitem__(cls, item):
        return cls

    @classmethod
    def __get_pydantic_core_schema__(cls, source, handler):
        return core_schema.any_schema()


class AbsentModule(types.ModuleType):
    """A module with any attribute: names that begin with a capital are classes, one and the same at each look."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name.endswith("Error"):
            value = type(name, (Exception,), {})
        else:
            value = type(name, (Anything,), {}) if name[0].isupper() else Anything()
        setattr(self, name, value)
        return value


class WheelImporter(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules of one wheel.

    `known` gives stand-ins the attributes that the parsers do rely on: module name -> attribute name -> value.
    """

    def __init__(self, wheel, package, real, absent=(), known=None):
        self.archive = zipfile.ZipFile(wheel)
        self.files = set(self.archive.namelist())
        self.packages = (package, *absent)
        self.real = tuple(real)
        self.known = known or {}

    def install(self):
        sys.meta_path.insert(0, self)

    def _is_real(self, name):
        return any(name == start or name.startswith(start + ".") for start in self.real)

    def _file(self, name):
        """The file of a module in the wheel, or None: a folder without __init__.py, or a stand-in."""
        stem = name.replace(".", "/")
        files = (f"{stem}/__init__.py", f"{stem}.py") if self._is_real(name) else ()
        return next((file for file in files if file in self.files), None)

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in self.packages:
            return None
        file = self._file(name)
        return importlib.util.spec_from_loader(name, self, is_package=file is None or file.endswith("__init__.py"))

    def create_module(self, spec):
        return None if self._is_real(spec.name) else AbsentModule(spec.name)

    def exec_module(self, module):
        name = module.__name__
        vars(module).update(self.known.get(name, {}))
        file = self._file(name)
        if file:
            exec(compile(self.archive.read(file), f"{name} in the wheel", "exec"), vars(module))
