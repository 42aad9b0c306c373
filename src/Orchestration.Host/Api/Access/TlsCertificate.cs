using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Api.Access;

/// <summary>The certificate of a service, read again when its file has changed: whoever renews it need not stop the service.</summary>
internal sealed class TlsCertificate : IDisposable
{
    private readonly string _certificateFile;
    private readonly string _keyFile;
    private readonly Lock _gate = new();
    private X509Certificate2 _current;
    private DateTime _written;

    private TlsCertificate(string certificateFile, string keyFile)
    {
        (_certificateFile, _keyFile) = (certificateFile, keyFile);
        _written = File.GetLastWriteTimeUtc(certificateFile);
        _current = Load();
    }

    /// <summary>Opens a certificate.</summary>
    /// <param name="certificateFile">A PEM file with the certificate.</param>
    /// <param name="keyFile">A PEM file with its private key.</param>
    /// <exception cref="CommandException">One of them cannot be read, or they do not belong together.</exception>
    public static TlsCertificate Open(string certificateFile, string keyFile)
    {
        try
        {
            return new TlsCertificate(certificateFile, keyFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw CommandException.Usage($"The TLS certificate '{certificateFile}' with the key '{keyFile}' cannot be used: {e.Message} Both are PEM files, and the key is that of the certificate.", e);
        }
    }

    /// <summary>The certificate as its file is now; the one before while the new one cannot be read.</summary>
    public X509Certificate2 Current
    {
        get
        {
            lock (_gate)
            {
                if (File.GetLastWriteTimeUtc(_certificateFile) is var written && written == _written)
                    return _current;
                try
                {
                    // Connections may still use the one before; the collector takes it.
                    (_current, _written) = (Load(), written);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
                {
                    // Half a renewal: the key comes in a moment.
                }
                return _current;
            }
        }
    }

    public void Dispose() => _current.Dispose();

    // Through PKCS #12: a key that is in memory alone is refused by TLS on some platforms.
    private X509Certificate2 Load()
    {
        using var pem = X509Certificate2.CreateFromPemFile(_certificateFile, _keyFile);
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }
}
