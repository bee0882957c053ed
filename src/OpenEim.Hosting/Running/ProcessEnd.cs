using System.Net.Sockets;
using System.Security.Cryptography;
using OpenEim.Hosting.Settings;
using OpenEim.Storage;
using OpenEim.Storage.Secrets;

namespace OpenEim.Hosting.Running;

/// <summary>The one place where a process that cannot go on says why: one sentence on standard error and exit code 1, never a stack trace.</summary>
public static class ProcessEnd
{
    private const int Failed = 1;

    /// <summary>Runs the process's work.</summary>
    /// <param name="work">The work; its result is the exit code.</param>
    /// <param name="log">Writes an exception that has no sentence of its own into the log, under the correlation id that the sentence names.</param>
    public static async Task<int> RunAsync(Func<Task<int>> work, Action<Exception, string> log)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(log);

        // What no other place catches, on whichever thread, would print its stack trace.
        AppDomain.CurrentDomain.UnhandledException += (_, unhandled) => Environment.Exit(Tell((Exception)unhandled.ExceptionObject, log));
        try
        {
            StandardOutput.RefuseMissing();
            return await work().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Here every failure becomes a sentence.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return Tell(e, log);
        }
    }

    /// <summary>The sentence for an operator; null where the exception is none of the kinds that are expected.</summary>
    public static string? SentenceOf(Exception exception) => exception switch
    {
        SetupException or SecretException or StorageException or StorageUnavailableException => exception.Message,
        IOException or UnauthorizedAccessException or SocketException or CryptographicException or InvalidDataException =>
            $"The process cannot go on: {exception.Message}",
        AggregateException { InnerExceptions: [var only] } => SentenceOf(only),
        _ => null,
    };

    private static int Tell(Exception exception, Action<Exception, string> log)
    {
        var sentence = SentenceOf(exception);
        if (sentence is null)
        {
            var id = Guid.NewGuid().ToString("N");
            sentence = $"The process has failed in a way that was not expected ({exception.GetType().Name}); the log says more under correlation id {id}.";
            log(exception, id);
        }

        try
        {
            Console.Error.WriteLine(sentence.ReplaceLineEndings(" "));
        }
        catch (IOException)
        {
            // Nobody reads what is said last; the exit code says it too.
        }

        return Failed;
    }
}
