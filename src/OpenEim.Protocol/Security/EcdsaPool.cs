using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace OpenEim.Protocol.Security;

/// <summary>Keeps <see cref="ECDsa"/> objects of one key, so that no two threads ever share one.</summary>
/// <remarks>
/// Importing a key costs more than half a signature, so the objects are worth keeping; the class library does not promise
/// that their instance methods may run concurrently, so each call rents one of its own.
/// </remarks>
internal sealed class EcdsaPool(Func<ECDsa> create) : IDisposable
{
    private static readonly int Capacity = Math.Max(4, Environment.ProcessorCount);

    private readonly ConcurrentStack<ECDsa> _idle = new();
    private volatile bool _disposed;

    public ECDsa Rent()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _idle.TryPop(out var ecdsa) ? ecdsa : create();
    }

    public void Return(ECDsa ecdsa)
    {
        if (_disposed || _idle.Count >= Capacity)
        {
            ecdsa.Dispose();
            return;
        }

        _idle.Push(ecdsa);
        if (_disposed)
        {
            // Disposed between the check and the push: nobody else would empty the stack any more.
            Empty();
        }
    }

    public void Dispose()
    {
        _disposed = true;
        Empty();
    }

    private void Empty()
    {
        while (_idle.TryPop(out var ecdsa))
        {
            ecdsa.Dispose();
        }
    }
}
