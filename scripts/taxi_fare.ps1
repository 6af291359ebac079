# Calls the command line for the run_*.ps1 scripts, which dot-source this file.

function Invoke-TaxiFare {
    <#
    .SYNOPSIS
    Runs "taxi-fare COMMAND" in the project's root.
    .DESCRIPTION
    Only the parameters that were given are passed on, so that the defaults
    are those of the command. Its exit code is left in $LASTEXITCODE.
    .PARAMETER Command
    Words of the command, for example: check, data.
    .PARAMETER Options
    Option of the command for each parameter of the script.
    .PARAMETER Given
    Parameters that the script was given, by name.
    .EXAMPLE
    Invoke-TaxiFare @('pipeline') @{ Force = '--force' } $PSBoundParameters
    #>
    param(
        [string[]] $Command,
        [System.Collections.IDictionary] $Options,
        [System.Collections.IDictionary] $Given
    )

    $root = Split-Path -Parent $PSScriptRoot
    $python = Find-Python $root
    if (-not $python) {
        [Console]::Error.WriteLine(
            "There is no Python in .venv nor on the PATH: install Python" +
            " 3.11 or newer and run 'make env' in $root.")
        $global:LASTEXITCODE = 7
        return
    }

    $arguments = @($Command)
    foreach ($name in $Options.Keys) {
        if (-not $Given.ContainsKey($name)) { continue }
        $value = $Given[$name]
        if ($value -is [switch]) {
            if ($value) { $arguments += $Options[$name] }
        } else {
            # One word: Windows PowerShell drops an argument that is empty.
            $arguments += $Options[$name] + '=' + ($value -join ',')
        }
    }

    # Logs go to stderr, which is not an error, even when it is redirected.
    $ErrorActionPreference = 'Continue'
    # What is left of it should that Python not even start.
    $global:LASTEXITCODE = 1
    Push-Location -LiteralPath $root
    try { & $python main.py $arguments } finally { Pop-Location }
}

function Find-Python {
    <#
    .SYNOPSIS
    Returns the Python of .venv, else the one of the PATH, else nothing.
    .PARAMETER Root
    Folder of the project.
    #>
    param([string] $Root)

    foreach ($place in '.venv/Scripts/python.exe', '.venv/bin/python') {
        $python = Join-Path $Root $place
        if (Test-Path -LiteralPath $python -PathType Leaf) { return $python }
    }
    Get-Command python -CommandType Application -ErrorAction SilentlyContinue |
        Select-Object -First 1 -ExpandProperty Path
}
