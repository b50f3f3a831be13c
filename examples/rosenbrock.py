"""Find the minimum of Rosenbrock's function by gradient descent.

Shows: dlarray, dlfeval, dlgradient, adamupdate.
Needs: dltk only. Takes: a few seconds.
Prints: value and gradient at [-1, 2] (104 and [396 200]), then the minimum near [1, 1].
"""

from dltk import adamupdate, dlarray, dlfeval, dlgradient, extractdata


def rosenbrock(x):
    y = 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
    return y, dlgradient(y, x)


x = dlarray([-1.0, 2.0])
y, gradient = dlfeval(rosenbrock, x)
print("value", y.item(), "gradient", extractdata(gradient))

averageGrad, averageSqGrad = [], []
for iteration in range(1, 5001):
    y, gradient = dlfeval(rosenbrock, x)
    x, averageGrad, averageSqGrad = adamupdate(
        x, gradient, averageGrad, averageSqGrad, iteration, 0.05
    )
print("minimum at", extractdata(x).round(3), "value", f"{y:.1e}")
